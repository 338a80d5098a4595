; scala
; Definitions
(class_definition) @class
(object_definition) @class
(trait_definition) @type
(enum_definition) @type
(function_definition) @function
(function_declaration) @function
(type_definition) @type
; What they use
(call_expression function: [(identifier) (field_expression) (generic_function)] @call)
(instance_expression (_) @call)
(extends_clause type: (_) @base)
(throw_expression) @raise
(import_declaration) @import
