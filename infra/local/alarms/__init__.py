"""CloudWatch alarms: moto stores them, this evaluates them."""
