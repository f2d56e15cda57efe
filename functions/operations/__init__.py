"""What the functions beside a model share: the hook, the judge and the guard are one bundle."""
