; bash
; Definitions
(function_definition) @function
; What they use
(command name: (command_name (word) @call))
(command name: (command_name (word) @_source) argument: (_) @import (#match? @_source "^(source|\\.)$"))
