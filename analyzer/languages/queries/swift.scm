; swift
; Definitions
(class_declaration) @class
(protocol_declaration) @type
(function_declaration) @function
(protocol_function_declaration) @function
(init_declaration) @method
(typealias_declaration) @type
; What they use
(call_expression) @call
(inheritance_specifier (_) @base)
(control_transfer_statement) @raise
(import_declaration (identifier) @import)
