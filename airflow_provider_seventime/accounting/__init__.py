"""Invoices as balanced vouchers, and vouchers as files for accounting programs: plain records in, bytes out."""
