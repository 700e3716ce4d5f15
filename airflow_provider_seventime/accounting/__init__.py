"""From invoices to balanced vouchers to the accountant's files: plain records in, bytes out."""
