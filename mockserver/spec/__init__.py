"""Read what the vendor documents: API Blueprint -> API description -> JSON Schemas.

The package mirrors a folder of `schemas/`.
"""
