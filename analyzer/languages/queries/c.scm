; c
; Definitions
(function_definition) @function
(declaration declarator: (function_declarator)) @prototype
(declaration declarator: (pointer_declarator declarator: (function_declarator))) @prototype
(struct_specifier name: (_) body: (_)) @type
(enum_specifier name: (_) body: (_)) @type
(type_definition) @type
(preproc_function_def) @constant
; What they use
(call_expression function: (identifier) @call)
(preproc_include path: (_) @import)
