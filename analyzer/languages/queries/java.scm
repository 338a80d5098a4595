; java
; Definitions
(class_declaration) @class
(interface_declaration) @type
(enum_declaration) @type
(record_declaration) @class
(annotation_type_declaration) @type
(method_declaration) @method
(constructor_declaration) @method
; What they use
(method_invocation) @call
(object_creation_expression type: (_) @call)
(superclass (_) @base)
(super_interfaces (type_list (_) @base))
(extends_interfaces (type_list (_) @base))
(throw_statement) @raise
(import_declaration (scoped_identifier) @import)
