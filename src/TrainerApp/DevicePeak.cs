namespace TrainerApp;

/// <summary>What vendors' data sheets promise: dense bfloat16 products on tensor cores, in 10^12 operations per second, sums in float32, without sparsity.</summary>
static class DevicePeak
{
    // The first that is part of the name counts, so that longer names stand before those that they hold.
    static readonly (string Part, double Tflops)[] Known =
    [
        ("H100 PCIe", 756), ("H100 NVL", 835), ("H100", 989), ("H200", 989), ("H800", 989), ("H20", 148), ("GH200", 989), ("B200", 2250), ("B100", 1750),
        ("A100", 312), ("A800", 312), ("A40", 150), ("A30", 165), ("A10G", 70), ("A10", 125), ("A6000", 155), ("A5000", 111), ("A4000", 77),
        ("L40S", 362), ("L40", 181), ("L4", 121), ("RTX 4090", 165), ("RTX 4080", 97), ("RTX 3090", 71), ("RTX 5090", 210),
    ];

    /// <summary>The promise for a device of this name; null where none is known.</summary>
    public static double? BFloat16Tflops(string name)
    {
        foreach (var (part, tflops) in Known)
        {
            if (name.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return tflops;
            }
        }

        return null;
    }
}
