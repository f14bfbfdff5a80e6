"""The CMS families as the simulated portals play them: one file each, named like the platform that must read them."""
