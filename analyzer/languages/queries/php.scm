; php
; Definitions
(class_declaration) @class
(interface_declaration) @type
(trait_declaration) @type
(enum_declaration) @type
(function_definition) @function
(method_declaration) @method
; What they use
(function_call_expression function: (_) @call)
(member_call_expression name: (_) @call)
(scoped_call_expression name: (_) @call)
(object_creation_expression [(name) (qualified_name)] @call)
(base_clause (_) @base)
(class_interface_clause (_) @base)
(throw_expression) @raise
(namespace_use_clause [(qualified_name) (name)] @import)
