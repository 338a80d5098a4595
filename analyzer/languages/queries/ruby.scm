; ruby
; Definitions
(class) @class
(module) @mixin
(method) @method
(singleton_method) @method
(program (assignment left: (constant)) @constant)
(call method: (identifier) @_runner arguments: (argument_list (string)) block: (_) (#match? @_runner "^(it|test|specify)$")) @test
; What they use
(call) @call
(superclass (_) @base)
(call method: (identifier) @_raise (#eq? @_raise "raise")) @raise
(call method: (identifier) @_require arguments: (argument_list . (string) @import) (#match? @_require "^require"))
