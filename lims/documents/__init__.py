"""What is issued: functions of a frozen snapshot. No database, no web.

snapshot ──▶ dcc.build ──▶ signing.sign_dcc ──▶ pdf.render (the DCC attached) ──▶ signing.sign_pdf
                                                      │
authenticate.examine ◀── a PDF or DCC, ours or foreign ┘
"""
