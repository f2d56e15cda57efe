"""AWS Lambda: function versions run in worker processes by the real runtime client."""
