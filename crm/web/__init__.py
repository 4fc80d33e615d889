"""What every page needs: forms, access, addresses, values as text, menu, error pages."""
