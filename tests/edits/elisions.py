"""Comments by which models say that they left code out, as seen in replies and imagined after them."""

ELISIONS = """\
# ... existing code ...
# ... rest of the code ...
# rest of the code remains the same
# Rest of the code remains unchanged
# ... (rest of the file unchanged)
# ... rest of implementation
# existing code here
# Existing code...
# ... same as before
# same as before
# unchanged
# (unchanged)
# no changes here
# ... other methods ...
# other methods remain unchanged
# other methods...
# Other functions here
# remaining methods unchanged
# The rest of the class is unchanged
# the rest of the function remains the same
# keep existing code
# Keep the existing implementation
# keep the rest of the code the same
# keep the rest as is
# leave the rest unchanged
# Previous code...
# previous code unchanged
# ... previous imports
# existing imports
# ... existing imports ...
# other imports
# ... imports ...
# ...
# …
# [...]
# [rest of the code]
# <rest of the code>
# ... snip ...
# snip
# --- snip ---
# code omitted for brevity
# omitted for brevity
# Implementation omitted for brevity
# ... omitted ...
# (code truncated)
# truncated for brevity
# your existing code
# Your code here
# your implementation here
# implementation goes here
# ... implementation ...
# Implementation remains the same
# implementation unchanged
# ... the implementation
# ... unchanged code ...
# unchanged code
# [unchanged]
# ... (unchanged)
# ... rest of method
# ... rest of the class ...
# remaining code
# ... remaining code ...
# The remaining code stays the same
# remainder of the file
# remainder unchanged
# ... other tests ...
# other tests unchanged
# rest of tests
# ... more code ...
# more code here
# more methods here
# ... etc
# etc.
# same code as above
# same as above
# same as original
# original code here
# original implementation
# ... original code ...
# Original code unchanged
# as before
# body unchanged
# function body remains the same
# method body unchanged
# class body unchanged
# lines 10-50 unchanged
# ... lines omitted ...
# Lines omitted
# ... (other properties)
# other fields
# ... existing fields
# existing properties unchanged
# ... existing logic ...
# existing logic here
# logic remains the same
# ... existing routes
# other routes unchanged
# All other code remains the same
# everything else stays the same
# everything else is unchanged
# Everything else remains unchanged...
# the code above remains the same
# Code continues as before
# code continues...
# continue with existing code
# continues as before
# ... continued
// ... existing code ...
// rest of the component
// rest of component remains the same
// ... rest of component code
// ...rest of your code
// rest of your code here
// the rest of your component
// ... keep existing code
// Keep existing code
// ...existing code...
// existing code remains unchanged
// same as before...
// other methods remain the same
// ... (previous code)
// ... the rest of the file
// rest of file
// Rest of the file stays the same
// unchanged from original
// unchanged code above
// Unchanged methods...
// (rest of the function remains unchanged)
// ... other imports
// ... other state variables
// ... other handlers
// existing handlers
// existing state and hooks
// other existing methods
// ... existing methods ...
// [previous code remains the same]
// [Rest of the code remains unchanged]
// … existing code …
// ⋯
// .....
// . . .
/* ... existing code ... */
/* rest of the styles */
/* existing styles */
/* ... rest of CSS ... */
/* unchanged */
/* ... */
/* same as before */
{/* ... existing code ... */}
{/* rest of the JSX */}
{/* existing JSX */}
{/* ... */}
{/* other components */}
<!-- ... existing code ... -->
<!-- rest of the HTML -->
<!-- existing content -->
<!-- ... -->
<!-- other elements unchanged -->
-- ... existing code ...
-- rest of the query
-- remaining columns unchanged
-- same as before
; ... rest of the code
; existing code
% ... rest of the code
# ... (keep all existing methods) ...
# ... (all other methods remain the same)
# All existing methods remain unchanged
# (existing code)
# [existing code]
# ... [existing code] ...
# existing methods here...
# Add the rest of your code here
# add your existing code here
# put the rest of the code here
# insert existing code here
# ... insert rest of code ...
# TODO: rest of implementation
# TODO: keep existing code
# NOTE: rest of the code is unchanged
# rest of the logic stays as is
# rest of __init__ unchanged
# rest of main() unchanged
# ... (rest of `main` unchanged) ...
# rest of init method
# remaining initialization code
# ... remaining initialization ...
# other configuration options
# ... other settings ...
# previous settings remain the same
# Previous test cases remain unchanged
# previous tests here
# similar code for other cases
# similarly for the other methods
# ... and so on
# and so on...
# ... repeat for the other fields
# same for the rest
# ... code ...
# ... your code ...
# ... some code ...
# ... (code unchanged) ...
# ... function continues ...
# ... continue
# ... no change
# ... no changes ...
# no change to the rest
# nothing else changes
# Nothing changed below
# below is unchanged
# everything below is unchanged
# everything above unchanged
# unchanged below
# unchanged above this line
""".splitlines()
