"""What is claimed of clearing: one file a topic, under the names of the topics of the rules."""
