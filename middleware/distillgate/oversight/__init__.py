"""What people see of a running gate and order of it: what is in force, campaigns, orders."""
