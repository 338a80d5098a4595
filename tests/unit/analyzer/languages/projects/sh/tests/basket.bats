@test "adds" {
  run add apple 2
  [ "$status" -eq 0 ]
}
