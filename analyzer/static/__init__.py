"""The engine `static`: a course from facts alone. No model, no network, no clock: same commit, same bytes."""
