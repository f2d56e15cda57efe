"""CloudWatch where moto only stores: metrics out of what is printed, and alarms that light."""
