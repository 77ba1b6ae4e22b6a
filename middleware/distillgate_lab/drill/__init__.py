"""The fire drill: scenarios of honest customers and of campaigns, played against a live gate."""
