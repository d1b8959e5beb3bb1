"""Model servers, one file each: a request goes in, a stream of text and a completion come out."""
