"""What the vendor documents: API Blueprint -> API description -> JSON Schemas. Mirrors `schemas/API/`."""
