"""Our tender in a procurement: deadlines, list, go or no-go, handing in."""
