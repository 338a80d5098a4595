; rust
; Definitions
(struct_item) @type
(enum_item) @type
(union_item) @type
(trait_item) @type
(type_item) @constant
(function_item) @function
(function_signature_item) @function
(macro_definition) @function
(impl_item) @scope
(mod_item body: (_)) @module
(const_item) @constant
(static_item) @constant
; What they use
(call_expression function: [(identifier) (scoped_identifier) (field_expression) (generic_function)] @call)
(macro_invocation macro: [(identifier) (scoped_identifier)] @call)
(struct_expression name: (_) @call)
(trait_item bounds: (trait_bounds (_) @base))
(macro_invocation macro: (identifier) @_panic (#match? @_panic "^(panic|bail|unreachable)$")) @raise
(use_declaration argument: (_) @import)
; What the file hands out
((use_declaration (visibility_modifier) @_open argument: (scoped_identifier name: (identifier) @export)) (#eq? @_open "pub"))
((use_declaration (visibility_modifier) @_open argument: (scoped_use_list list: (use_list [(identifier) @export (scoped_identifier name: (identifier) @export) (use_as_clause alias: (identifier) @export)]))) (#eq? @_open "pub"))
((use_declaration (visibility_modifier) @_open argument: (use_list [(scoped_identifier name: (identifier) @export) (use_as_clause alias: (identifier) @export) (scoped_use_list list: (use_list (identifier) @export))])) (#eq? @_open "pub"))
((use_declaration (visibility_modifier) @_open argument: (use_as_clause alias: (identifier) @export)) (#eq? @_open "pub"))
((mod_item (visibility_modifier) @_open name: (identifier) @export) (#eq? @_open "pub"))
((attribute_item (attribute (identifier) @_handed)) . (attribute_item)* . (macro_definition name: (identifier) @export) (#eq? @_handed "macro_export"))
