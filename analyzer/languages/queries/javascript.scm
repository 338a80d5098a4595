; javascript
; Definitions
(class_declaration) @class
(class (identifier)) @class
(function_declaration) @function
(generator_function_declaration) @function
(method_definition) @method
(program (lexical_declaration (variable_declarator value: [(arrow_function) (function_expression) (parenthesized_expression (arrow_function))]) @function))
(program (export_statement (lexical_declaration (variable_declarator value: [(arrow_function) (function_expression) (parenthesized_expression (arrow_function))]) @function)))
(program (export_statement (lexical_declaration (variable_declarator value: [(object) (array) (string) (number)]) @constant)))
(program (export_statement (lexical_declaration (variable_declarator value: [(call_expression) (new_expression)]) @function)))
(program (lexical_declaration (variable_declarator value: (class)) @class))
(program (expression_statement (assignment_expression left: (member_expression property: (property_identifier)) right: [(function_expression) (arrow_function)]) @function))
(call_expression function: (identifier) @_runner arguments: (arguments . (string) [(arrow_function) (function_expression)]) (#match? @_runner "^(it|test)$")) @test
; What they use
(call_expression function: [(identifier) (member_expression)] @call)
(new_expression constructor: [(identifier) (member_expression)] @call)
(class_heritage (_) @base)
(throw_statement) @raise
(import_statement source: (string) @import)
(export_statement source: (string) @import)
(call_expression function: (identifier) @_require arguments: (arguments . (string) @import) (#eq? @_require "require"))
; What the file hands out
(export_specifier name: (identifier) @export)
(expression_statement (assignment_expression left: (member_expression object: (identifier) @_exports property: (property_identifier) @export) (#eq? @_exports "exports")))
(assignment_expression left: (member_expression) @_module right: (object [(shorthand_property_identifier) @export (pair key: (property_identifier) @export)]) (#eq? @_module "module.exports"))
(assignment_expression left: (member_expression) @_module right: (identifier) @export (#eq? @_module "module.exports"))
(export_statement value: (identifier) @export)
