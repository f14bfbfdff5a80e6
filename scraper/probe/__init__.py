"""A first look at a portal: `looking` asks for a few pages, `findings` says what they show, `proposals` writes its entry."""
