"""Named questions to the records. A question about a customer's things takes the viewer, and answers with theirs."""
