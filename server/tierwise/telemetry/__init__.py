"""What is told to an OpenTelemetry collector, if the user has one: what happened is noted here and sent later."""
