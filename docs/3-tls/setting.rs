// What the examples of chapter 3 stand on: a CA, a server that it vouches for, and a client that trusts
// it. All that is random comes from a seed, so that every run is the same. An example includes this as
// an expression, hence the braces.
{
    use std::sync::Arc;

    use cutaway::asymmetric::rsa::RsaPrivateKey;
    use cutaway::pki::{
        Authority, Certificate, GeneralName, Name, PrivateKey, Request, Time, TrustStore, Validity,
    };
    use cutaway::symmetric::chacha20::Generator;
    use cutaway::tls::{Client, ClientConfig, Server, ServerConfig};

    struct Setting;

    #[allow(dead_code)]
    impl Setting {
        fn rng(&self) -> Generator {
            Generator::new(3, 0)
        }

        fn today(&self) -> Time {
            Time::from_unix(1_767_225_600)
        }

        // How many candidates are drawn before two primes are found is luck. These two streams are lucky.
        fn server_key(&self) -> RsaPrivateKey {
            RsaPrivateKey::generate(&mut Generator::new(3, 40), 2048).unwrap()
        }

        fn stolen_key(&self) -> cutaway::secret::SecretVec {
            PrivateKey::Rsa(self.server_key()).to_pkcs1_der()
        }

        fn authority(&self) -> Authority {
            let key = RsaPrivateKey::generate(&mut Generator::new(3, 47), 2048).unwrap();
            Authority::new(&mut self.rng(), Name::of("my CA"), key, Validity::days(self.today(), 365)).unwrap()
        }

        fn certificate(&self) -> Certificate {
            let key = self.server_key();
            let names = vec![GeneralName::DnsName("localhost".into())];
            let validity = Validity::days(self.today(), 365);
            let request = Request::server(Name::of("localhost"), names, key.public(), validity);
            self.authority().issue(&mut self.rng(), &request).unwrap()
        }

        fn trust_store(&self) -> TrustStore {
            TrustStore::from_iter([self.authority().certificate().clone()])
        }

        fn server(&self) -> Server {
            let config = ServerConfig::new(vec![self.certificate()], Arc::new(self.server_key())).unwrap();
            Server::new(Arc::new(config), Generator::new(3, 2))
        }

        fn client(&self) -> Client {
            self.client_that_trusts(self.trust_store())
        }

        fn client_that_trusts(&self, trust_store: TrustStore) -> Client {
            let config = Arc::new(ClientConfig::new(trust_store));
            Client::new(config, "localhost".parse().unwrap(), self.today(), Generator::new(3, 3))
        }
    }

    Setting
}
