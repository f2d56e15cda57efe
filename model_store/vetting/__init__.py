"""What every graph must pass, whoever made it, before it is written or published."""
