"""What all platforms read pages with: bytes to text, prose, links, listings, and articles told by their lines alone."""
