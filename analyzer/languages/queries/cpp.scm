; cpp
; Definitions
(class_specifier body: (_)) @class
(struct_specifier name: (_) body: (_)) @class
(enum_specifier name: (_) body: (_)) @type
(function_definition) @function
(declaration declarator: (function_declarator)) @prototype
(namespace_definition) @module
(alias_declaration) @type
(type_definition) @type
; What they use
(call_expression function: [(identifier) (qualified_identifier) (field_expression)] @call)
(new_expression type: (_) @call)
(base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base)
(throw_statement) @raise
(preproc_include path: (_) @import)
