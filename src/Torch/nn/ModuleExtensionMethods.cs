namespace TorchSharp;

/// <summary>Moving a whole module; the parameters stay the same objects, so an optimizer keeps its hold on them.</summary>
public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, torch.Device device)
        where T : torch.nn.Module
    {
        module.Convert(null, device);
        return module;
    }

    /// <exception cref="ArgumentException">The type is no floating-point type.</exception>
    public static T to<T>(this T module, torch.ScalarType type)
        where T : torch.nn.Module
    {
        module.Convert(Floating(type), null);
        return module;
    }

    public static T to<T>(this T module, torch.Device device, torch.ScalarType type)
        where T : torch.nn.Module
    {
        module.Convert(Floating(type), device);
        return module;
    }

    public static T cpu<T>(this T module)
        where T : torch.nn.Module => module.to(torch.CPU);

    static torch.ScalarType Floating(torch.ScalarType type) => torch.is_floating_point(type)
        ? type
        : throw new ArgumentException($"A module can only be moved to a floating-point type, not {type}.", nameof(type));
}
