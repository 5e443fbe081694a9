"""The drawing table: symbols, colours and legends, the same on screen and on paper."""
