def client_for(connection):
    raise NotImplementedError
