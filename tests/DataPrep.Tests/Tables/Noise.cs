namespace DataPrep.Tests.Tables;

/// <summary>Splitmix64: incompressible numbers for tests.</summary>
sealed class Noise(ulong seed)
{
    ulong state = seed;

    internal long Next()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (long)(z ^ (z >> 31));
    }
}
