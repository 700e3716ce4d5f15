"""Time logs as invoice rows, invoices as vouchers, vouchers as files: plain records in, plain values out."""
