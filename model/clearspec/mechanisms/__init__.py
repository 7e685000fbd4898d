"""What several machines share: mechanisms that know no machine."""
