; typescript
; Definitions
(class_declaration) @class
(abstract_class_declaration) @class
(interface_declaration) @type
(type_alias_declaration) @type
(enum_declaration) @type
(function_declaration) @function
(function_signature) @function
(generator_function_declaration) @function
(method_definition) @method
(abstract_method_signature) @method
(interface_body (method_signature) @method)
(program (lexical_declaration (variable_declarator value: [(arrow_function) (function_expression) (parenthesized_expression (arrow_function))]) @function))
(program (export_statement (lexical_declaration (variable_declarator value: [(arrow_function) (function_expression) (parenthesized_expression (arrow_function))]) @function)))
(program (export_statement (lexical_declaration (variable_declarator value: [(object) (array) (string) (number)]) @constant)))
(program (export_statement (lexical_declaration (variable_declarator value: [(call_expression) (new_expression) (as_expression)]) @function)))
(call_expression function: (identifier) @_runner arguments: (arguments . (string) [(arrow_function) (function_expression)]) (#match? @_runner "^(it|test)$")) @test
; What they use
(call_expression function: [(identifier) (member_expression)] @call)
(new_expression constructor: [(identifier) (member_expression)] @call)
(extends_clause value: (_) @base)
(implements_clause (_) @base)
(extends_type_clause type: (_) @base)
(throw_statement) @raise
(import_statement source: (string) @import)
(export_statement source: (string) @import)
; What the file hands out
(export_specifier name: (identifier) @export)
(export_statement value: (identifier) @export)
