"""Language models that write drafts: never urgency, risk, recipient, time or number.

``langchain.LangChainModel`` asks one model within a budget, once or as an agent on a lead
(``agent``); ``breaker.WithBreaker`` stops asking one that keeps failing; ``private.Private`` takes
the identifiers out before the words leave and puts them back afterwards. Bootstrap stacks them in
that order. Whatever goes wrong is a ``ModelError`` without a word of the patient's in it, and the
caller says approved words instead.
"""
