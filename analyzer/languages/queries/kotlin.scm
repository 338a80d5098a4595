; kotlin
; Definitions
(class_declaration) @class
(object_declaration) @class
(function_declaration) @function
(source_file (property_declaration) @constant)
(type_alias) @type
; What they use
(call_expression) @call
(delegation_specifier (_) @base)
(throw_expression) @raise
(import (qualified_identifier) @import)
