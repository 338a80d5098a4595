"""The credential for engine `claude`: stored, watched, verified and rotated. No function returns or prints it."""
