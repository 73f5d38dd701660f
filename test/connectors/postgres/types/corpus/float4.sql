-- query
SELECT unnest('{0,-0,1,-1,0.1,1e5,1e6,123456,1234567,1e-4,1e-5,NaN,Infinity,-Infinity,3.4028235e38,1.1754944e-38,1e-45,16777217,0.3,NULL}'::float4[]) AS v
