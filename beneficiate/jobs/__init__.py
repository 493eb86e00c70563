"""What happens because time passes. Each clock claims what is due in the database, so that twice is harmless."""
