"""What the team writes: pictures of pages and, later, notes, saved views, segments."""
