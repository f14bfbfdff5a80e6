"""The unattended night: `night` plans it and works it off, `supervision` watches the crawling process, `notifying` tells."""
