; csharp
; Definitions
(class_declaration) @class
(record_declaration) @class
(struct_declaration) @type
(interface_declaration) @type
(enum_declaration) @type
(delegate_declaration) @type
(method_declaration) @method
(constructor_declaration) @method
(property_declaration) @property
(namespace_declaration) @module
; What they use
(invocation_expression function: [(identifier) (member_access_expression) (generic_name)] @call)
(object_creation_expression type: (_) @call)
(base_list (_) @base)
(throw_statement) @raise
(throw_expression) @raise
(using_directive (_) @import)
