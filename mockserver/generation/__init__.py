"""What is made before anything is served: records from recipes, the folders of an API (`scaffold`), and the proof of both."""
