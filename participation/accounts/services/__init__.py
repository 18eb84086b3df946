"""Acts on people, their rights and their ways in."""
