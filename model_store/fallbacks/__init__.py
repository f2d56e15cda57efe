"""What is answered instead of the model, declared as data: no user code runs in Lambda."""
