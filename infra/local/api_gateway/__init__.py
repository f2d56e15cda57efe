"""API Gateway, REST APIs: from an HTTP request to a Lambda proxy event and back."""
