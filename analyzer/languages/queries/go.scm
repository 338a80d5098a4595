; go
; Definitions
(function_declaration) @function
(method_declaration) @method
(type_declaration (type_spec) @type)
(type_declaration (type_alias) @type)
(source_file (const_declaration (const_spec) @constant))
(source_file (var_declaration (var_spec) @constant))
(type_spec type: (interface_type (method_elem) @method))
; What they use
(call_expression function: [(identifier) (selector_expression)] @call)
(composite_literal type: [(type_identifier) (qualified_type)] @call)
(struct_type (field_declaration_list (field_declaration !name type: (_) @base)))
(import_spec path: (_) @import)
